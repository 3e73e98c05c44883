/* A form whose answers save themselves, one by one: only those that were changed here are sent.

   What is typed is first kept in this browser, under the person and the page, until the server has it: a lost network, a
   closed window or a session that ended takes nothing away. Said in confidence, it is kept for this window only. */

const QUIET = 2_000;
const LONGEST = 8_000;
const RETRIES = [2_000, 5_000, 10_000];
// Younger than this, a page that is still open may be about to send it.
const LEFT_BEHIND = 30_000;
const NOT_SAVED = "Not saved yet. What you typed is kept on this device; trying again.";
const PREFIX = "typed:";

const CHOICE = /^(radio|checkbox)$/;
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/* Storage may be full, or switched off: then only the page itself keeps what was typed. */
function attempt(action) {
  try {
    return action();
  } catch {
    return null;
  }
}

function kept(store) {
  return attempt(() => Object.keys(store).filter((key) => key.startsWith(PREFIX))) ?? [];
}

function forget(keep) {
  for (const store of [localStorage, sessionStorage]) for (const key of kept(store)) if (!keep(key)) store.removeItem(key);
}

function token() {
  return document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

/* After signing in in another tab the page's token is stale: take the one from a fresh copy of this page. */
async function refreshToken() {
  const response = await fetch(location.href, { redirect: "manual", headers: { "X-Requested-With": "autosave" } });
  if (!response.ok) return false;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("input[name=csrfmiddlewaretoken]");
  if (!fresh) return false;
  for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) input.value = fresh.value;
  return true;
}

function post(url, fields, { version = -1, keepalive = false } = {}) {
  const body = new FormData();
  body.append("csrfmiddlewaretoken", token());
  body.append("version", version);
  for (const { name, value, base, sent = [], other = null } of fields) {
    body.append("fields", name);
    for (const each of [value].flat()) body.append(name, each);
    body.append(`base.${name}`, base);
    for (const each of sent) body.append(`sent.${name}`, JSON.stringify(each));
    if (other !== null) {
      body.append(`choice.${name}`, "mine");
      body.append(`other.${name}`, other);
    }
  }
  // Browsers refuse to send more than this after a page has gone; what they refuse is kept in this browser.
  const small = JSON.stringify(fields).length < 50_000;
  return fetch(url, {
    method: "POST",
    body,
    headers: { "X-Requested-With": "autosave", Accept: "application/json" },
    redirect: "manual",
    keepalive: keepalive && small,
    signal: keepalive ? undefined : AbortSignal.timeout(10_000),
  });
}

/* One answer: its controls, what the server is known to have of it, and what is on its way. */
class Field {
  constructor(form, input) {
    this.form = form;
    this.input = input;
    this.name = input.name.slice("base.".length);
    this.controls = [...form.elements].filter((element) => element.name === this.name);
    this.several = this.controls[0]?.type === "checkbox";
    this.store = "confidential" in input.dataset ? sessionStorage : localStorage;
    this.key = `${PREFIX}${form.dataset.fields}:${this.name}`;
    // The server's own question about two texts; ours takes its place.
    this.question = form.querySelector(`[data-two-texts="${CSS.escape(this.name)}"]`);
    this.saved = this.question ? null : this.value;
    this.sent = [];
    this.other = null;
  }

  get value() {
    const chosen = this.controls.filter((control) => !CHOICE.test(control.type) || control.checked);
    const values = chosen.map((control) => control.value);
    return this.several ? values : (values[0] ?? "");
  }

  set value(value) {
    for (const control of this.controls) {
      if (CHOICE.test(control.type)) control.checked = [value].flat().includes(control.value);
      else control.value = value;
    }
    this.controls[0]?.dispatchEvent(new CustomEvent("restored", { bubbles: true }));
  }

  get words() {
    return [this.saved]
      .flat()
      .map((value) => this.controls.find((control) => control.value === value && control.labels?.length && CHOICE.test(control.type))?.labels[0].textContent.trim() ?? value)
      .join("; ");
  }

  get dirty() {
    return !same(this.value, this.saved);
  }

  get box() {
    return this.controls[0].closest(".field");
  }

  get row() {
    return { name: this.name, value: this.value, base: this.input.value, sent: this.sent, other: this.other };
  }

  keep() {
    if (!this.dirty) return this.drop();
    const { name, value, base, sent } = this.row;
    attempt(() => this.store.setItem(this.key, JSON.stringify({ name, value, base, sent, at: Date.now() })));
  }

  drop() {
    attempt(() => this.store.removeItem(this.key));
  }

  /* What this browser kept of an earlier visit and the server may not have. */
  restore() {
    const found = attempt(() => JSON.parse(this.store.getItem(this.key)));
    if (!found) return false;
    if (same(found.value, this.value)) {
      if (this.saved !== null) this.drop();
      return false;
    }
    this.value = found.value;
    this.input.value = found.base;
    this.sent = found.sent;
    return true;
  }

  has(value, name) {
    this.saved = value;
    this.input.value = name;
    this.sent = [];
    this.other = null;
    this.asking?.remove();
    this.asking = null;
    this.question?.remove();
    this.keep();
  }

  /* Both texts, and a choice. */
  ask(value, name, onChoice) {
    this.saved = value;
    this.asking?.remove();
    this.question?.remove();
    const box = document.createElement("div");
    box.className = "panel two-texts-choice";
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "Which text do you want to keep?");
    const told = document.createElement("p");
    told.textContent = "This answer was changed in another window or on another device. What you typed here is not saved over it. There it says:";
    const theirs = document.createElement("blockquote");
    theirs.className = "two-texts";
    theirs.textContent = this.words || "No answer";
    const buttons = document.createElement("div");
    buttons.className = "form-actions";
    const choices = [
      ["Keep what is typed here", () => (this.other = name)],
      ["Keep the other text", () => (this.value = value)],
    ];
    for (const [label, act] of choices) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-secondary";
      button.textContent = label;
      button.addEventListener("click", () => {
        act();
        box.remove();
        this.asking = null;
        this.input.value = name;
        this.sent = [];
        this.keep();
        this.controls[0].focus();
        onChoice();
      });
      buttons.append(button);
    }
    box.append(told, theirs, buttons);
    this.box.append(box);
    this.asking = box;
  }
}

class Answers {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-autosave-status]");
    this.url = location.pathname;
    this.failures = 0;
    this.fields = [...form.querySelectorAll("input[name^='base.']")].map((input) => new Field(form, input)).filter((field) => field.controls.length);
    const restored = this.fields.filter((field) => field.restore());
    if (restored.length) this.say("What you typed here before is back. It is being saved.");
    this.comeBack();

    form.addEventListener("input", (event) => this.changed(event.target));
    form.addEventListener("change", (event) => this.changed(event.target));
    // Not on the way to a button: the press itself sends the form.
    form.addEventListener("focusout", (event) => event.relatedTarget?.type !== "submit" && this.dirty && this.save());
    form.addEventListener("submit", (event) => this.submit(event));
    document.addEventListener("submit", (event) => this.signOut(event), true);
    document.addEventListener("visibilitychange", () => (document.hidden ? this.leave() : this.save({ look: true })));
    window.addEventListener("pagehide", () => this.leave());
    window.addEventListener("online", () => this.save());
    window.addEventListener("pageshow", (event) => event.persisted && this.comesBack());
    window.addEventListener("beforeunload", (event) => {
      // Only where nothing else keeps it: said in confidence, and not with the server.
      if (this.failures && !this.submitting && this.fields.some((field) => field.dirty && field.store === sessionStorage)) event.preventDefault();
    });
    if (this.dirty) this.save();
  }

  get dirty() {
    return this.fields.some((field) => field.dirty);
  }

  changed(target) {
    this.fields.find((field) => field.controls.includes(target))?.keep();
    this.since ??= Date.now();
    this.later(Math.min(QUIET, Math.max(0, this.since + LONGEST - Date.now())));
  }

  later(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  comesBack() {
    this.submitting = false;
    this.save({ look: true });
  }

  /* On the way out nobody waits for an answer. */
  leave() {
    const changed = this.fields.filter((field) => field.dirty && !field.asking);
    if (!changed.length || this.stopped || this.submitting || this.leaving) return;
    const rows = changed.map((field) => field.row);
    for (const field of changed) {
      field.sent = [...field.sent, field.value].slice(-5);
      field.keep();
    }
    attempt(() => post(this.url, rows, { keepalive: true }).catch(() => {}));
  }

  /* The button sends the form as it is; what is on its way is waited for, so that the form knows what became of it. */
  submit(event) {
    clearTimeout(this.timer);
    if (this.submitting || !(this.running || this.dirty)) {
      this.submitting = true;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    const go = () => {
      this.submitting = true;
      this.form.requestSubmit(submitter);
    };
    Promise.resolve(this.running)
      .then(() => this.dirty && this.save())
      .finally(go);
  }

  /* Whoever signs out leaves nothing behind in this browser; what is not saved yet is saved first. */
  signOut(event) {
    if (!event.target.action?.endsWith("/logout/")) return;
    if (!this.dirty || this.leaving) return forget(() => false);
    event.preventDefault();
    event.stopImmediatePropagation();
    this.leaving = true;
    Promise.resolve(this.save()).finally(() => {
      if (this.dirty) this.say("Not everything is saved yet. Sign out once more to leave without it.", true);
      else event.target.requestSubmit(event.submitter);
    });
  }

  /* Returns a promise of what is under way. ``look`` asks what was changed elsewhere even if nothing was changed here. */
  save({ look = false } = {}) {
    clearTimeout(this.timer);
    if (this.stopped || this.submitting) return undefined;
    if (this.running) return this.running.then(() => this.dirty && this.save());
    const changed = this.fields.filter((field) => field.dirty && !field.asking);
    if (!changed.length && !look) return undefined;
    this.since = null;
    this.running = this.send(changed).finally(() => {
      this.running = null;
      if (!this.failures && this.fields.some((field) => field.dirty && !field.asking)) this.later(QUIET);
    });
    return this.running;
  }

  async send(changed) {
    const rows = changed.map((field) => field.row);
    for (const field of changed) {
      field.sent = [...field.sent, field.value].slice(-5);
      field.keep();
    }
    try {
      const response = await post(this.url, rows, { version: this.form.dataset.version });
      if (response.ok || response.status === 409) this.heard(await response.json(), rows);
      else if (response.type === "opaqueredirect" || response.status === 403) await this.locked();
      else this.failed(NOT_SAVED);
    } catch {
      this.failed(NOT_SAVED);
    }
  }

  heard(reply, rows) {
    this.failures = 0;
    this.refreshed = false;
    if (reply.message) {
      this.stopped = true;
      this.say(reply.message, true);
      return;
    }
    this.form.dataset.version = reply.version;
    const sent = new Map(rows.map((row) => [row.name, row.value]));
    for (const field of this.fields) {
      if (!(field.name in reply.kept)) continue;
      const [value, name] = reply.kept[field.name];
      const theirs = field.several ? [value].flat().filter(Boolean) : value;
      if (!reply.disputed.includes(field.name)) {
        if (sent.has(field.name)) field.has(sent.get(field.name), name);
        else if (!field.dirty && !field.asking) this.changedElsewhere(field, theirs, name);
      } else if (same(theirs, field.value)) field.has(theirs, name);
      else field.ask(theirs, name, () => this.save());
    }
    const asking = this.fields.filter((field) => field.asking).length;
    if (asking) this.say(`${asking === 1 ? "One answer was" : `${asking} answers were`} changed somewhere else. Choose which text to keep.`, true);
    else if (reply.saved) this.say(reply.saved);
  }

  /* No text under somebody's fingers: whoever is in it is asked when they change it. */
  changedElsewhere(field, value, name) {
    if (!same(value, field.value)) {
      if (document.activeElement === field.controls[0] && !CHOICE.test(field.controls[0].type)) return;
      field.value = value;
    }
    field.has(field.value, name);
  }

  async locked() {
    if (!this.refreshed && (await refreshToken())) {
      this.refreshed = true;
      this.failures = 0;
      this.later(0);
      return;
    }
    this.failed("You are signed out. What you typed is kept on this device. ");
    const link = document.createElement("a");
    link.href = this.form.dataset.signIn;
    link.textContent = "Sign in and go on here";
    link.addEventListener("click", () => this.remember());
    this.status.append(link);
  }

  /* After signing in they stand where they stood. */
  remember() {
    const at = this.last ?? document.activeElement;
    attempt(() => sessionStorage.setItem(`stood:${this.url}`, JSON.stringify({ id: at?.id, y: window.scrollY })));
  }

  comeBack() {
    this.form.addEventListener("focusin", (event) => event.target.matches("input, select, textarea") && (this.last = event.target));
    const stood = attempt(() => JSON.parse(sessionStorage.getItem(`stood:${this.url}`)));
    if (!stood) return;
    attempt(() => sessionStorage.removeItem(`stood:${this.url}`));
    document.getElementById(stood.id)?.focus({ preventScroll: true });
    window.scrollTo({ top: stood.y, behavior: "instant" });
  }

  failed(text) {
    this.say(text, true);
    this.later(RETRIES[Math.min(this.failures, RETRIES.length - 1)]);
    this.failures += 1;
    this.refreshed = false;
  }

  say(text, failing = false) {
    // Repeating the same words would be read aloud each time.
    if (this.status.textContent !== text) this.status.textContent = text;
    this.status.classList.toggle("is-failing", failing);
  }
}

/* On any page: send what a page that is gone left behind. What needs a choice waits for its own page. */
async function sendLeftBehind(person) {
  for (const store of [localStorage, sessionStorage]) {
    for (const key of kept(store)) {
      const [url] = key.slice(PREFIX.length + person.length + 1).split(":");
      const row = attempt(() => JSON.parse(store.getItem(key)));
      if (!row || url === location.pathname || Date.now() - row.at < LEFT_BEHIND) continue;
      const response = await attempt(() => post(url, [row]).catch(() => null));
      if (response?.ok && same(attempt(() => JSON.parse(store.getItem(key))), row)) store.removeItem(key);
    }
  }
}

export function leftBehind() {
  const { person } = document.body.dataset;
  if (!person) return;
  // Another person at this browser: what was typed is not theirs to find.
  forget((key) => key.startsWith(`${PREFIX}${person}:`));
  document.addEventListener("submit", (event) => event.target.action?.endsWith("/logout/") && forget(() => false));
  sendLeftBehind(person);
  window.addEventListener("online", () => sendLeftBehind(person));
}

export function fields(root) {
  for (const form of root.querySelectorAll("form[data-fields]:not([data-saving])")) {
    form.dataset.saving = "";
    new Answers(form);
  }
}
