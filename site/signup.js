// What the sign-up page can do beyond its HTML: show the password, copy the ID, say that the homeserver takes its time, and
// keep a double click from sending twice. Without it the page is complete.
(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);

  const show = byId("show");
  const password = byId("password");
  if (show && password) {
    show.hidden = false;
    show.addEventListener("click", () => {
      const hidden = password.type === "password";
      password.type = hidden ? "text" : "password";
      show.setAttribute("aria-pressed", String(hidden));
      show.textContent = hidden ? show.dataset.hide : show.dataset.show;
      password.focus();
    });
  }

  const form = byId("sign-up");
  const send = byId("send");
  if (form && send) {
    const label = send.textContent;
    form.addEventListener("submit", (event) => {
      if (send.disabled) {
        event.preventDefault();
        return;
      }
      // A browser's password manager looks for a password field.
      password.type = "password";
      send.disabled = true;
      send.textContent = send.dataset.sending;
      setTimeout(() => { byId("progress").textContent = send.dataset.inLine; }, 4000);
    });
    // Whoever goes back finds the form as it was.
    window.addEventListener("pageshow", () => {
      send.disabled = false;
      send.textContent = label;
    });
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    const label = button.textContent;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(byId(button.dataset.copy).textContent);
      button.textContent = button.dataset.copied;
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }
})();
