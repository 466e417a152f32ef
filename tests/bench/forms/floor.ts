// The floor: the items as plain elements, one listener for all. Nothing is stored.
import { answers, asked, note } from './content.ts';
import './floor.css';

const row = ({ id, code, text }: { id: string; code: string; text: string }): string => `
  <li id="${id}"><span class="code">${code}</span><h3>${text}</h3><fieldset>${answers
    .map(([value, word]) => `<label><input type="radio" name="${id}" value="${value}"><span>${word}</span></label>`)
    .join('')}</fieldset></li>`;

const list = document.querySelector('ol')!;
list.innerHTML = asked().map(row).join('');
list.addEventListener('change', ({ target }) => {
  if (!(target instanceof HTMLInputElement)) return;
  const item = target.closest('li')!;
  item.querySelector('.note')?.remove();
  if (target.value !== 'fail') return;
  item.insertAdjacentHTML('beforeend', `<label class="note">${note}<textarea rows="2"></textarea></label>`);
});
