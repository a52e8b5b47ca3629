// Views are read with GET, again and again while the page is visible. An answer may hold an older view while a newer one is being read.
import { useEffect, useState } from './vendor/htm-preact.js';

const problemOf = async response => `${response.status}: ${(await response.text()).trim()}`;

export async function readJson(path) {
  const response = await fetch(path, { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(await problemOf(response));
  return response.json();
}

export async function runAction(session, request) {
  const response = await fetch('api/action', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-automation-console': session.actionSecret },
    body: JSON.stringify(request),
  });
  if (!response.ok) throw new Error(await problemOf(response));
  window.dispatchEvent(new Event('view-changed'));
  return response.json();
}

// Answers { view, problem, reading, done, of, at }, and asks again every `seconds`. A view that is still being read is requested sooner.
export function useView(name, seconds) {
  const [answer, setAnswer] = useState({ name, view: null, problem: null, reading: true, done: 0, of: 0 });
  useEffect(() => {
    let timer = 0;
    let ended = false;
    const poll = async () => {
      clearTimeout(timer);
      if (document.hidden) return;
      let next = seconds;
      try {
        const read = await readJson(`api/view/${name}`);
        if (ended) return;
        const at = read.ageSeconds == null ? null : Date.now() - read.ageSeconds * 1000;
        setAnswer(before => ({ ...read, view: read.view ?? (before.name === name ? before.view : null), at: at ?? (before.name === name ? before.at : null), name }));
        if (read.reading) next = Math.min(1, seconds);
      } catch (error) {
        if (ended) return;
        const lost = error instanceof TypeError ? 'The console does not answer. It may have ended.' : error.message;
        setAnswer(before => ({ ...before, problem: lost, reading: false }));
      }
      timer = setTimeout(poll, next * 1000);
    };
    const wake = () => { if (!document.hidden) poll(); };
    document.addEventListener('visibilitychange', wake);
    window.addEventListener('view-changed', wake);
    setAnswer(before => before.name === name ? before : { name, view: null, problem: null, reading: true, done: 0, of: 0 });
    poll();
    return () => {
      ended = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', wake);
      window.removeEventListener('view-changed', wake);
    };
  }, [name, seconds]);
  return answer.name === name ? answer : { name, view: null, problem: null, reading: true, done: 0, of: 0 };
}
