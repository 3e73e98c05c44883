/* A form that saves itself. The server's answer decides what is said; what was typed stays on the page whatever happens. */

const QUIET = 2_000;
const RETRIES = [5_000, 10_000, 20_000, 30_000];
const SIGNED_OUT = "You are signed out. Sign in in a new tab, then come back: nothing here is lost.";
const NOT_SAVED = "Not saved yet. Your work is still on this page; trying again.";

function formBody(form) {
  const body = new FormData(form);
  // Files go with the form itself, once; not with every pause in typing.
  for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
  return body;
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

class Autosave {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-autosave-status]") || document.querySelector("[data-autosave-status]");
    this.edits = 0;
    this.savedEdits = 0;
    this.failures = 0;
    this.refreshed = false;
    this.stopped = false;
    this.submitting = false;
    this.running = null;

    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    // Not on the way to a button: the press itself sends the form.
    form.addEventListener("focusout", (event) => this.dirty && event.relatedTarget?.type !== "submit" && this.save());
    form.addEventListener("submit", (event) => this.submit(event));
    document.addEventListener("visibilitychange", () => document.hidden && this.dirty && this.save());
    window.addEventListener("online", () => this.dirty && this.save());
    window.addEventListener("pageshow", (event) => event.persisted && (this.submitting = false));
    window.addEventListener("beforeunload", (event) => {
      if (this.dirty && !this.submitting) event.preventDefault();
    });
  }

  get dirty() {
    return this.edits > this.savedEdits;
  }

  changed() {
    this.edits += 1;
    if (!this.stopped) this.later(QUIET);
  }

  later(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  /* A save under way would change the version under the form's feet: the submit waits for it. */
  submit(event) {
    clearTimeout(this.timer);
    if (this.running) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const { submitter } = event;
      this.running.finally(() => this.stopped || this.form.requestSubmit(submitter));
      return;
    }
    this.submitting = true;
  }

  save() {
    clearTimeout(this.timer);
    if (this.stopped || this.submitting || this.running) return;
    this.running = this.send().finally(() => {
      this.running = null;
      if (this.dirty && !this.stopped && !this.submitting && !this.failures) this.later(QUIET);
    });
  }

  async send() {
    const edits = this.edits;
    this.say("Saving");
    try {
      const response = await fetch(this.form.dataset.autosaveUrl || this.form.action, {
        method: "POST",
        body: formBody(this.form),
        headers: { "X-Requested-With": "autosave", Accept: "application/json" },
        redirect: "manual",
      });
      if (response.ok) this.saved(await response.json(), edits);
      else if (response.status === 409) this.conflict(await response.json());
      else if (response.type === "opaqueredirect" || response.status === 403) await this.locked();
      else this.failed(NOT_SAVED);
    } catch {
      this.failed(NOT_SAVED);
    }
  }

  saved(reply, edits) {
    this.savedEdits = edits;
    this.failures = 0;
    this.refreshed = false;
    for (const input of this.form.querySelectorAll("input[name=version]")) input.value = reply.version;
    this.say(reply.saved);
  }

  conflict(reply) {
    this.stopped = true;
    this.failures = 1;
    const link = document.createElement("a");
    link.href = location.pathname + location.search;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = "Open the newer version in a new tab";
    this.say(`${reply.message} `, true);
    this.status?.append(link);
  }

  async locked() {
    if (this.refreshed) {
      this.failed(NOT_SAVED);
    } else if (await refreshToken()) {
      this.refreshed = true;
      this.later(0);
    } else {
      this.failed(SIGNED_OUT);
    }
  }

  failed(text) {
    this.say(text, true);
    this.later(RETRIES[Math.min(this.failures, RETRIES.length - 1)]);
    this.failures += 1;
    this.refreshed = false;
  }

  say(text, failing = false) {
    if (!this.status) return;
    // Repeating the same words would be read aloud each time.
    if (this.status.textContent !== text) this.status.textContent = text;
    this.status.classList.toggle("is-failing", failing);
  }
}

export function autosave(root) {
  for (const form of root.querySelectorAll("form[data-autosave]:not([data-saving])")) {
    form.dataset.saving = "";
    new Autosave(form);
  }
}
