/* A form or a button with data-confirm asks first, in a dialog. Without this file the server's own page asks. */

function build(source) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "confirm-title");
  const title = document.createElement("h2");
  title.id = "confirm-title";
  title.textContent = source.dataset.confirm;
  const text = document.createElement("p");
  text.textContent = source.dataset.confirmText || "";
  text.hidden = !text.textContent;
  const actions = document.createElement("form");
  actions.method = "dialog";
  actions.className = "form-actions";
  const no = document.createElement("button");
  no.className = "btn btn-secondary";
  no.textContent = "Cancel";
  const yes = document.createElement("button");
  yes.className = source.matches(".btn-danger, .danger") || "confirmDanger" in source.dataset ? "btn btn-danger" : "btn btn-primary";
  yes.value = "yes";
  yes.textContent = source.dataset.confirmLabel || "Continue";
  actions.append(no, yes);
  dialog.append(title, text, actions);
  return dialog;
}

export function confirmation() {
  const confirmed = new WeakSet();
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      const { submitter } = event;
      const source = submitter?.dataset.confirm ? submitter : form;
      if (!source.dataset.confirm || confirmed.delete(form)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const dialog = build(source);
      document.body.append(dialog);
      dialog.addEventListener("close", () => {
        const yes = dialog.returnValue === "yes";
        dialog.remove();
        if (!yes) return submitter?.focus();
        confirmed.add(form);
        form.requestSubmit(submitter);
      });
      dialog.showModal();
    },
    true,
  );
}
