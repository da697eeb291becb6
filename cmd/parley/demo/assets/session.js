// Who the person at this tab acts as. Each browser tab has its own choice, so that two tabs can talk to each other.

const KEY = "parley.person";

// Session tells "change" when another person is chosen.
export class Session extends EventTarget {
  #key = sessionStorage.getItem(KEY);
  #store;

  constructor(store) {
    super();
    this.#store = store;
  }

  get person() {
    const people = this.#store.meta?.people ?? [];
    return people.find((person) => person.key === this.#key) ?? people[0] ?? { key: "", name: "", ids: {} };
  }

  choose(key) {
    this.#key = key;
    sessionStorage.setItem(KEY, key);
    this.dispatchEvent(new Event("change"));
  }
}
