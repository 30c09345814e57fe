// What the page can do beyond its HTML: count down to closing and opening, tell whether a name can be had while it is typed, and
// keep a double click from sending twice. Without it the page is complete.
(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);
  const desk = byId("desk");
  if (!desk) return;
  const form = byId("form");

  // Times are counted on the desk's clock: the browser's may stand wrong.
  let offset = 0;
  const setClock = (instant) => { offset = Date.parse(instant) - Date.now(); };
  const now = () => Date.now() + offset;
  const atDesk = "now" in desk.dataset;
  if (atDesk) setClock(desk.dataset.now);

  // NaN where there is no such time: every comparison with it is false.
  let closed = "closed" in desk.dataset;
  let closesAt = Date.parse(desk.dataset.closesAt);
  let opensAt = Date.parse(desk.dataset.opensAt);

  // When to ask the desk whether it is open. The waiting do not all come in the same second.
  const nextAsk = () => closed
    ? (opensAt > now() ? opensAt : now() + 15000) + Math.random() * 5000
    : Math.max(closesAt, now() + 5000);
  let askAt = atDesk ? nextAsk() : now();
  let asking = false;

  const twoDigits = (n) => String(n).padStart(2, "0");

  const clock = (milliseconds) => {
    const seconds = Math.ceil(milliseconds / 1000);
    const minutes = Math.floor(seconds / 60);
    return `${Math.floor(minutes / 60)}:${twoDigits(minutes % 60)}:${twoDigits(seconds % 60)}`;
  };

  // The visitor's own time, where it is not UTC.
  const ownTime = (at) => {
    const time = new Date(at);
    if (time.getTimezoneOffset() === 0) return "";
    return `${twoDigits(time.getHours())}:${twoDigits(time.getMinutes())}`;
  };

  const countdown = byId("countdown");
  const count = () => {
    const at = closed ? opensAt : closesAt;
    countdown.hidden = !(at > now());
    if (!countdown.hidden) {
      const { opensIn, closesIn, yourTime } = desk.dataset;
      const text = (closed ? opensIn : closesIn).replace("{span}", clock(at - now()));
      const time = ownTime(at);
      countdown.textContent = time ? yourTime.replace("{text}", text).replace("{time}", time) : text;
    }
  };

  const apply = (status) => {
    if (status.open && !form) {
      window.location.reload();
      return;
    }
    setClock(status.utc_time);
    closed = !status.open;
    // Closed when it was due: downtime, which ends with the reset.
    if (closed && closesAt <= now()) opensAt = Date.parse(status.next_reset);
    if (!closed) opensAt = NaN;
    closesAt = Date.parse(status.closes_at);
    // A status that is written anew is read aloud anew.
    const text = byId("state-text");
    if (text.textContent !== status.message) text.textContent = status.message;
    byId("state").classList.toggle("closed", closed);
    if (form) {
      // What somebody has begun to type stays in sight.
      const begun = [...form.querySelectorAll("input:not([type=checkbox]), textarea")].some((input) => input.value !== "");
      form.hidden = closed && !begun;
    }
  };

  const ask = async () => {
    asking = true;
    try {
      const answer = await fetch(`${desk.dataset.desk}/api/status?lang=${document.documentElement.lang}`, { cache: "no-store", credentials: "omit" });
      if (answer.ok) apply(await answer.json());
    } catch {
      // No answer: the page stays as it is.
    }
    asking = false;
    askAt = nextAsk();
    count();
  };

  const tick = () => {
    count();
    if (!asking && !document.hidden && now() >= askAt) ask();
  };
  tick();
  window.setInterval(tick, 1000);
  document.addEventListener("visibilitychange", tick);

  if (!form) return;

  // The name is looked up while it is typed, once the keyboard rests; the address is looked at in the page alone.
  const username = byId("username");
  const told = byId("username-told");
  const hint = [...told.childNodes];
  let typed = 0;
  const tell = (state, ...words) => {
    told.dataset.state = state;
    told.replaceChildren(...words);
  };
  const look = async (name, turn) => {
    try {
      const answer = await fetch(`${desk.dataset.desk}/api/username?name=${encodeURIComponent(name)}`, { cache: "no-store", credentials: "omit" });
      const { available, message } = await answer.json();
      if (turn !== typed) return;
      tell(available === null ? "open" : available ? "free" : "taken", message);
    } catch {
      if (turn === typed) tell("", ...hint);
    }
  };
  username.addEventListener("input", () => {
    const name = username.value.trim();
    const turn = ++typed;
    if (name === "") tell("", ...hint);
    else window.setTimeout(() => { if (turn === typed) look(name, turn); }, 450);
  });

  const email = byId("email");
  const emailTold = byId("email-hint");
  const emailHint = emailTold.textContent;
  email.addEventListener("change", () => {
    const wrong = email.value !== "" && !/^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$/.test(email.value.trim());
    emailTold.textContent = wrong ? desk.dataset.noAddress : emailHint;
    emailTold.dataset.state = wrong ? "taken" : "";
  });

  const send = byId("send");
  const label = send.textContent;
  let unlock;
  const ready = () => {
    window.clearTimeout(unlock);
    send.disabled = false;
    send.textContent = label;
  };
  form.addEventListener("submit", () => {
    send.disabled = true;
    send.textContent = send.dataset.sending;
    // Longer than the desk ever takes: whoever stopped the page can send again.
    unlock = window.setTimeout(ready, 15000);
  });
  // Coming back to the page as it was.
  window.addEventListener("pageshow", ready);
})();
