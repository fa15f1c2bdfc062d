// What is typed in a form is kept in the browser until the server has it: a lost session or a closed tab loses nothing.
for (const form of document.querySelectorAll('form[data-draft]')) {
  const key = `almaz-draft-${form.dataset.draft}`;
  const fields = () => [...form.elements].filter((one) => one.name && !['hidden', 'file', 'password', 'submit'].includes(one.type));
  const typed = () => fields().map((one) => [one.name, one.type === 'checkbox' ? one.checked : one.multiple ? [...one.selectedOptions].map((option) => option.value) : one.value]);
  const start = JSON.stringify(typed());
  const kept = sessionStorage.getItem(key) ?? localStorage.getItem(key);
  if (kept && kept !== start && form.dataset.restore !== 'no') {
    const values = JSON.parse(kept);
    fields().forEach((one, place) => {
      const [name, value] = values[place] ?? [];
      if (name !== one.name) return;
      if (one.type === 'checkbox') one.checked = value;
      else if (one.multiple) for (const option of one.options) option.selected = value.includes(option.value);
      else one.value = value;
    });
    form.classList.add('restored');
  }
  form.addEventListener('input', () => localStorage.setItem(key, JSON.stringify(typed())));
  form.addEventListener('submit', () => localStorage.setItem(`${key}-sent`, '1'));
}
// A form that was sent and is not shown again was saved: its draft has done its work.
for (const key of Object.keys(localStorage)) {
  if (!key.endsWith('-sent')) continue;
  const draft = key.slice(0, -'-sent'.length);
  const open = [...document.querySelectorAll('form[data-draft]')].some((form) => `almaz-draft-${form.dataset.draft}` === draft);
  if (!open && !document.querySelector('form[action*="/login/"], form.narrowform')) localStorage.removeItem(draft);
  localStorage.removeItem(key);
}
// On a phone the menu begins closed.
if (matchMedia('(max-width: 860px)').matches) for (const menu of document.querySelectorAll('details.menu')) menu.open = false;
