// The receipt renews itself, and tells times as the visitor's own clock has them. Without script it does the first by itself.
(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);

  const ownTimes = () => {
    for (const time of document.querySelectorAll("main time")) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      const today = at.toDateString() === new Date().toDateString();
      const form = { hour: "2-digit", minute: "2-digit" };
      if (!today) Object.assign(form, { day: "numeric", month: "long" });
      time.textContent = at.toLocaleString(document.documentElement.lang, form);
    }
  };
  ownTimes();

  const main = byId("receipt");
  if (!("renew" in main.dataset)) return;

  // Often at first, since an email goes out within seconds; then ever more seldom.
  let pause = 1500;
  let known;

  const read = async (type) => {
    const answer = await fetch(window.location.pathname + window.location.search, { cache: "no-store", headers: { accept: type } });
    return answer.ok ? answer.text() : undefined;
  };

  const renew = async () => {
    const now = await read("application/json");
    if (now === undefined || now === known) return true;
    const text = await read("text/html");
    const page = new DOMParser().parseFromString(text ?? "", "text/html");
    const progress = page.getElementById("progress");
    if (!progress) return true;
    // Written anew it is read aloud anew: not where it says the same.
    if (known !== undefined || page.title !== document.title) {
      byId("progress").replaceChildren(...progress.childNodes);
      document.title = page.title;
      ownTimes();
      pause = 1500;
    }
    known = now;
    // What somebody types stays.
    const corrections = byId("corrections");
    if (!corrections.querySelector("details[open]")) {
      corrections.replaceChildren(...page.getElementById("corrections").childNodes);
      ownTimes();
    }
    return !JSON.parse(now).done;
  };

  const later = () => window.setTimeout(async () => {
    let goesOn = true;
    if (!document.hidden) {
      try {
        goesOn = await renew();
      } catch {
        // No answer: the page stays as it is.
      }
      pause = Math.min(pause * 1.3, 20000);
    }
    if (goesOn) later();
  }, pause);
  later();
})();
