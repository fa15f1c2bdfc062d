// The days of the month are one stop of the tabulator: arrows go between them, Page Up and Page Down to other months.
const days = [...document.querySelectorAll('#month .number')];
const start = Math.max(0, days.findIndex((one) => one.parentElement.classList.contains('today') || (!document.querySelector('#month .today') && !one.parentElement.classList.contains('outside'))));
const stop = (place) => days.forEach((one, at) => { one.tabIndex = at === place ? 0 : -1; });
stop(start);
document.getElementById('month').addEventListener('keydown', (event) => {
  const page = { PageUp: 'before', PageDown: 'after' }[event.key];
  if (page) { event.preventDefault(); location.assign(document.getElementById(page).href); return; }
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
  const place = days.indexOf(event.target) + step;
  if (!step || !days.includes(event.target) || !days[place]) return;
  event.preventDefault();
  stop(place);
  days[place].focus();
});
