// The square on a card leads here with the words behind the #, which no browser sends. They go into the field, and out of the address.
const field = document.querySelector("[data-from-card]");
const words = location.hash.slice(1);
if (field && words) {
  field.value = words.replaceAll("-", " ");
  history.replaceState(null, "", location.pathname);
  field.form.querySelector("button").focus();
}
