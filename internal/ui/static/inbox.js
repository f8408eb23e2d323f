// Keeps the inbox fresh, and copies codes and links. The page is whole without it:
// what is new arrives as the same page once more, and its parts are taken over.
const every = 1500; // milliseconds between two looks
const live = document.querySelector('#live');
const news = document.querySelector('#news');
const clear = document.querySelector('#clear');

let tag; // of the page as it was seen last
let looking = false;
let timer;

async function look() {
  if (looking) return;
  looking = true;
  clearTimeout(timer);
  try {
    const response = await fetch(location.href, { cache: 'no-store', headers: tag ? { 'If-None-Match': tag } : {} });
    if (response.status === 401) location.reload(); // the page asks for the key
    if (response.ok) {
      takeOver(new DOMParser().parseFromString(await response.text(), 'text/html'));
      tag = response.headers.get('ETag');
    }
    tell(response.ok || response.status === 304);
  } catch {
    tell(false);
  }
  looking = false;
  if (!document.hidden) timer = setTimeout(look, every);
}

function tell(fresh) {
  live.textContent = fresh ? 'Up to date' : 'The server does not answer';
  live.className = fresh ? 'live on' : 'live off';
}

const rows = (root) => [...root.querySelectorAll('#list a[data-id]')];

function takeOver(page) {
  const known = new Set(rows(document).map((row) => row.dataset.id));
  const arrived = rows(page).filter((row) => !known.has(row.dataset.id));
  const focused = document.activeElement?.dataset.id;
  swap('#list', page);
  if (focused) rows(document).find((row) => row.dataset.id === focused)?.focus({ preventScroll: true });
  for (const row of arrived) row.classList.add('fresh');
  if (arrived.length) news.textContent = `New mail: ${arrived[0].querySelector('.subject').textContent} to ${arrived[0].querySelector('.to').textContent}`;

  const letter = document.querySelector('#letter');
  if (letter.dataset.id === page.querySelector('#letter').dataset.id) return; // somebody may be reading it
  const inside = letter.contains(document.activeElement);
  swap('#letter', page);
  if (inside) document.querySelector('#letter h2')?.focus();
}

function swap(selector, page) {
  const part = document.adoptNode(page.querySelector(selector));
  enliven(part);
  document.querySelector(selector).replaceWith(part);
}

// What only a script can do: the reader's own clock, and copying.
function enliven(root) {
  const today = new Date().toDateString();
  for (const time of root.querySelectorAll('time')) {
    const at = new Date(time.dateTime);
    const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
    time.textContent = at.toLocaleString([], at.toDateString() === today ? clock : { day: 'numeric', month: 'short', ...clock });
  }
  for (const button of root.querySelectorAll('[data-copy]')) button.hidden = false;
}

async function copy(button) {
  button.dataset.label ??= button.textContent;
  const copied = await write(button.dataset.copy);
  news.textContent = button.textContent = copied ? 'Copied' : 'Select it and copy by hand';
  setTimeout(() => { button.textContent = button.dataset.label; }, 1500);
}

async function write(text) {
  // Browsers keep the clipboard from pages on plain http, other than on this machine.
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => false);
  const field = document.body.appendChild(document.createElement('textarea'));
  field.className = 'unseen';
  field.value = text;
  const focused = document.activeElement;
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  focused?.focus();
  return copied;
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-copy]');
  if (button) copy(button);
});

clear.hidden = false;
clear.addEventListener('click', async () => {
  if (!confirm('Delete all mails in this inbox?')) return;
  const response = await fetch('/dev/inbox/messages', { method: 'DELETE' });
  if (response.ok) location.assign('/dev/inbox');
  else news.textContent = live.textContent = 'They could not be deleted';
});

document.addEventListener('visibilitychange', () => {
  if (document.hidden) clearTimeout(timer); // nobody looks
  else look();
});

enliven(document);
look();
