// The frame of the page: header, navigation, and the view that the address names.
import { html, render, useEffect, useRef, useState } from './vendor/htm-preact.js';
import { readJson } from './api.js';
import { ActionDialog } from './actions.js';
import { Fleet } from './fleet.js';
import { Image } from './image.js';
import { Compare } from './compare.js';
import { Live } from './live.js';
import { Retention } from './retention.js';
import { Rehearsal } from './rehearsal.js';

// Only `automation rehearse --console` has the last one, and begins with it.
const places = session => [...(session.rehearsal ? [['rehearsal', 'Rehearsal']] : []), ['fleet', 'Fleet'], ['live', 'Live'], ['retention', 'Retention']];

// #/image/app, #/compare/app/1.0.0/1/1.0.0/2
function useRoute() {
  const read = () => decodeURIComponent(location.hash.replace(/^#\/?/, '')).split('/').filter(part => part.length > 0);
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const follow = () => setRoute(read());
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  return route;
}

function View({ route, session, act, show }) {
  switch (route[0]) {
    case 'image': return html`<${Image} key=${route[1]} name=${route[1]} session=${session} act=${act} show=${show} />`;
    case 'compare': return html`<${Compare} path=${route.slice(1).join('/')} image=${route[1]} show=${show} />`;
    case 'live': return html`<${Live} session=${session} act=${act} show=${show} />`;
    case 'retention': return html`<${Retention} show=${show} />`;
    case 'rehearsal': return html`<${Rehearsal} show=${show} />`;
    case 'fleet': return html`<${Fleet} show=${show} />`;
    default: return html`<h1 tabindex="-1">There is no page ${route.join('/')}</h1><p><a href="#/fleet">Go to the fleet</a></p>`;
  }
}

function Freshness({ answer }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick(n => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  if (!answer) return null;
  const seconds = answer.at ? Math.max(0, Math.round((Date.now() - answer.at) / 1000)) : null;
  const progress = answer.reading && answer.of > 0 ? ` · reading ${answer.done}/${answer.of}` : '';
  return html`<span class=${answer.problem ? 'fresh stale' : 'fresh'}>
    ${answer.problem ? (seconds === null ? 'not read' : 'not up to date') : seconds === null ? 'reading' : seconds < 3 ? 'read just now' : `read ${seconds} s ago`}${progress}</span>`;
}

function Console() {
  const asks = useRoute();
  const [session, setSession] = useState(null);
  const [shown, setShown] = useState(null);
  const [asked, setAsked] = useState(null);
  const main = useRef(null);
  const first = useRef(true);
  const route = asks.length > 0 ? asks : [session?.rehearsal ? 'rehearsal' : 'fleet'];
  const path = asks.join('/');
  useEffect(() => { readJson('api/session').then(setSession, () => setSession({ allowActions: false })); }, []);
  useEffect(() => {
    // A new page begins at its heading, for the keyboard and for screen readers.
    if (first.current) first.current = false;
    else {
      window.scrollTo(0, 0);
      requestAnimationFrame(() => main.current?.querySelector('h1')?.focus({ preventScroll: true }));
    }
  }, [path]);
  if (!session) return html`<main><p class="loading">Reading …</p></main>`;
  const here = ['image', 'compare'].includes(route[0]) ? 'fleet' : route[0];
  const place = shown?.view?.place;
  return html`
    <a class="skip" href="#main" onClick=${event => { event.preventDefault(); main.current?.querySelector('h1')?.focus(); }}>Skip to the content</a>
    <header class="top">
      <a class="brand" href="#/fleet" aria-label="Automation console, fleet"><img src="icon.svg" alt="" width="22" height="22" /> <b>Automation</b></a>
      <nav aria-label="Views">
        ${places(session).map(([name, label]) => html`<a href="#/${name}" aria-current=${here === name ? 'page' : null}>${label}</a>`)}
      </nav>
      <div class="place">
        ${place && html`<span class="where">${place.region} <span class="quiet">${place.account}</span></span>
          <time class="clock" datetime=${place.now} title=${place.virtual ? 'The virtual time of the embedded cloud' : 'The time of AWS'}>
            ${new Date(place.now).toISOString().slice(0, 16).replace('T', ' ')}${place.virtual ? ' virtual' : ' UTC'}</time>`}
        <${Freshness} answer=${shown} />
        <span class="mode">${session.allowActions ? 'actions allowed' : 'read-only'}</span>
      </div>
    </header>
    <main id="main" ref=${main}><${View} route=${route} session=${session} act=${setAsked} show=${setShown} /></main>
    ${asked && html`<${ActionDialog} key=${asked.key} asked=${asked} session=${session} close=${() => setAsked(null)} />`}`;
}

const page = document.getElementById('page');
page.replaceChildren();
render(html`<${Console} />`, page);
