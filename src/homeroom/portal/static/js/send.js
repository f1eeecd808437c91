// Sends a form that waited for a new proof. Without a script the person presses its button. After Back or Reload nothing is sent by itself,
// because the form may have been sent before. By the prototype, because a field may be named "submit".
"use strict";

const [opened] = performance.getEntriesByType("navigation");
const form = document.querySelector("form[data-send]");
if (form && opened && opened.type === "navigate") HTMLFormElement.prototype.submit.call(form);
