// Charts are drawn when they come into sight: the chart bundle is fetched once, with the first of them. data-chart says
// where a place has its specification: beside it (the id of a script element), or at an address. For a reader who does not see the
// picture it is its title; the numbers are in the table below it.
const BUNDLE = document.querySelector('script[data-vega]').dataset.vega;
const english = document.documentElement.lang === 'en';
const NUMBERS = { decimal: english ? '.' : ',', thousands: english ? ',' : '\u00a0', grouping: [3], currency: ['', ''] };

let bundle = null;
const vega = () => bundle ??= new Promise((done, failed) => {
  const script = document.createElement('script');
  script.src = BUNDLE;
  script.addEventListener('load', done);
  script.addEventListener('error', failed);
  document.head.append(script);
});

async function specification(place) {
  const beside = document.getElementById(place.dataset.chart);
  if (beside) return JSON.parse(beside.textContent);
  return (await (await fetch(place.dataset.chart)).json()).chart;
}

// On a phone names may take a third of the width, legends stand one below the other, and a map need not be tall.
function narrow(spec) {
  const each = (part) => {
    if (!part || typeof part !== 'object') return;
    if (part.legend?.columns) part.legend.columns = Math.min(2, part.legend.columns);
    if (part.axis?.labelLimit) part.axis.labelLimit = Math.min(120, part.axis.labelLimit);
    Object.values(part).forEach(each);
  };
  each(spec.encoding);
  each(spec.layer);
  if (spec.config?.axis) spec.config.axis.labelLimit = 120;
  spec.config = { ...spec.config, legend: { ...spec.config?.legend, labelLimit: 130, layout: { bottom: { direction: 'vertical', anchor: 'start', margin: 8 } } } };
  if (spec.projection) spec.height = 240;
}

async function draw(place) {
  const [spec] = await Promise.all([specification(place), vega()]);
  if (innerWidth < 600) narrow(spec);
  place.replaceChildren();
  await window.vegaEmbed(place, spec, { ast: true, defaultStyle: false, actions: false, renderer: 'svg', logLevel: 1, tooltip: { disableDefaultStyle: true }, formatLocale: NUMBERS });
  const choices = place.querySelector('.vega-bindings');
  if (choices) place.before(choices);
  place.role = 'img';
  place.ariaLabel = place.dataset.title;
  place.tabIndex = 0;
  for (const part of place.querySelectorAll('svg, svg *')) for (const name of ['role', 'aria-roledescription', 'aria-label']) part.removeAttribute(name);
  for (const svg of place.querySelectorAll('svg')) svg.setAttribute('aria-hidden', 'true');
  place.dataset.drawn = '1';
}

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    draw(entry.target);
  }
}, { rootMargin: '300px' });
for (const place of document.querySelectorAll('[data-chart]')) seen.observe(place);
