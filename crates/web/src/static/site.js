// Makes pages nicer; every page works without it.

// A form is sent once. Coming back to the page with the browser's button makes it usable again.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    event.submitter?.classList.add("busy");
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll(".busy")) button.classList.remove("busy");
});

// What was entered survives a reload, and the form stays the same form, so that it orders once. It is kept with this page's
// place in the browser's history and nowhere else. What the price depends on is the page's own.
for (const form of document.querySelectorAll("form[data-keep]")) {
  const kept = history.state?.kept ?? {};
  for (const field of form.elements) {
    if (!Object.hasOwn(kept, field.name)) continue;
    if (field.type === "radio") field.checked = field.value === kept[field.name];
    else field.value = kept[field.name];
  }
  const keep = () => {
    const { seen, cycle, trial, ...entered } = Object.fromEntries(new FormData(form));
    try {
      history.replaceState({ ...history.state, kept: entered }, "");
    } catch {
      // A browser may refuse when it is done very often; the next letter is kept again.
    }
  };
  keep();
  form.addEventListener("input", keep);
}
// A page that was shown instead of another asks again by itself.
const again = document.querySelector("[data-again]");
if (again) setTimeout(() => location.reload(), Number(again.dataset.again) * 1000);

// The trial changes the price, so choosing it shows the price again.
const trial = document.querySelector("input[name=trial]");
const show = document.querySelector("button[name=action][value=show]");
if (trial && show) trial.addEventListener("change", () => trial.form.requestSubmit(show));

// An order is followed live; where that is not possible, it is looked at every few seconds.
const live = document.getElementById("order-live");
if (live && live.dataset.last !== "true") follow(live);

function follow(live) {
  const source = new EventSource(live.dataset.events);
  source.addEventListener("order", (event) => put(live, event.data));
  source.addEventListener("done", () => source.close());
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) poll(live);
  });
}

async function poll(live) {
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("order-live");
    if (fresh && fresh.dataset.version !== live.dataset.version) {
      live.dataset.version = fresh.dataset.version;
      put(live, fresh.innerHTML);
    }
    if (fresh?.dataset.last === "true") return;
  } catch {
    // The network is away; the next look may find it again.
  }
  setTimeout(() => poll(live), 3000);
}

// The card that says where the order stands stays in place, so that screen readers announce what changed in it.
function put(live, html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const [before, after] = [live.querySelector(".story"), fresh.content.querySelector(".story")];
  if (before && after) {
    before.className = after.className;
    before.dataset.tab = after.dataset.tab;
    before.innerHTML = after.innerHTML;
    after.replaceWith(before);
  }
  live.replaceChildren(fresh.content);
  tab();
}

const shop = document.title.split(" · ").pop();
function tab() {
  const story = document.querySelector(".story");
  if (story) document.title = `${story.dataset.tab} · ${shop}`;
}
tab();

// Passkeys: the browser asks its device, and the answer goes with the form. Where it knows none, the form stays hidden.
for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) continue;
  form.hidden = false;
  form.parentElement.querySelector("[data-passkey-missing]")?.remove();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    askDevice(form);
  });
}

async function askDevice(form) {
  const error = form.querySelector("[data-passkey-error]");
  const button = form.querySelector("button");
  error.hidden = true;
  button.disabled = true;
  try {
    const answer = await fetch(form.dataset.options, { method: "POST", headers: { accept: "application/json" } });
    const question = await answer.json();
    if (question.code === "proof-required") {
      return location.assign(`/account/prove?next=${encodeURIComponent(location.pathname)}`);
    }
    // The page has the words for it, or for any failure; the API's own are for programs.
    if (!answer.ok) throw Object.assign(new Error(), { said: form.getAttribute(`data-said-${question.code}`) });
    form.elements.answer.value = JSON.stringify(await signed(form.dataset.passkey, question.publicKey));
    form.elements.challenge.value = question.challenge;
    form.submit();
  } catch (problem) {
    const givenUp = problem.name === "NotAllowedError" || problem.name === "AbortError";
    const known = problem.name === "InvalidStateError";
    const { brokenOff, known: knownAlready, failed } = form.dataset;
    error.textContent = givenUp ? brokenOff : known ? knownAlready : problem.said || failed;
    error.hidden = false;
    button.disabled = false;
  }
}

async function signed(mode, options) {
  const make = mode === "create";
  const publicKey = make
    ? PublicKeyCredential.parseCreationOptionsFromJSON(options)
    : PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await (make ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
  return credential.toJSON();
}
