// Charts are drawn from the specification beside them, when they come into view. For a reader who does not see a picture it is
// its title; the numbers are in the table below it.
const spoken = document.documentElement.lang === 'en';
const numbers = { decimal: spoken ? '.' : ',', thousands: spoken ? ',' : '\u00a0', grouping: [3], currency: ['', ''] };
// On a phone legends stand one below the other in two columns, and a map need not be tall.
function narrow(spec) {
  const each = (part) => {
    if (!part || typeof part !== 'object') return;
    if (part.legend && part.legend.columns) part.legend.columns = Math.min(2, part.legend.columns);
    Object.values(part).forEach(each);
  };
  each(spec.layer || spec.encoding);
  spec.config = { ...spec.config, legend: { ...spec.config?.legend, labelLimit: 130, layout: { bottom: { direction: 'vertical', anchor: 'start', margin: 8 } } } };
  if (spec.projection) spec.height = 260;
}
async function draw(place) {
  const spec = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  if (innerWidth < 600) narrow(spec);
  const { view } = await vegaEmbed(place, spec, { ast: true, defaultStyle: false, actions: false, renderer: 'svg', logLevel: 1, tooltip: { disableDefaultStyle: true }, formatLocale: numbers });
  for (const part of place.querySelectorAll('svg, svg *')) for (const name of ['role', 'aria-roledescription', 'aria-label']) part.removeAttribute(name);
  place.querySelector('svg')?.setAttribute('aria-hidden', 'true');
  const choices = place.querySelector('.vega-bindings');
  if (choices) place.before(choices);
  place.dataset.drawn = '1';
  return view;
}
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) { seen.unobserve(entry.target); draw(entry.target); }
}, { rootMargin: '300px' });
for (const place of document.querySelectorAll('[data-chart]')) seen.observe(place);
