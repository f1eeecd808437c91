// Shows a password while the person types it. Without a script the box stays hidden. The page sends it as a password again, so that no browser keeps it as text.
"use strict";

for (const label of document.querySelectorAll("[data-shows]")) {
  const field = document.getElementById(label.dataset.shows);
  const box = label.querySelector("input");
  label.hidden = false;
  box.checked = false;
  box.addEventListener("change", () => { field.type = box.checked ? "text" : "password"; });
  field.form.addEventListener("submit", () => { field.type = "password"; });
}
