// What the page can do beyond its HTML: count down to closing and opening, show the Matrix ID while it is typed, and
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

  const username = byId("username");
  const server = `:${desk.dataset.homeserver}`;
  const anyName = byId("preview").textContent;
  const preview = () => {
    let name = username.value.trim().toLowerCase().replace(/^@/, "");
    if (name.endsWith(server)) name = name.slice(0, -server.length);
    byId("preview").textContent = name || anyName;
  };
  preview();
  username.addEventListener("input", preview);

  const send = byId("send");
  const label = send.textContent;
  let unlock;
  const ready = () => {
    window.clearTimeout(unlock);
    send.disabled = false;
    send.textContent = label;
    preview();
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
