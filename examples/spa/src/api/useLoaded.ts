import { ref, type Ref } from "vue";
import { answer, hasEnded } from "./answer";
import { report } from "./report";

/** What a page shows: loaded when the page is, and again after a change. */
export function useLoaded<Data>(call: () => Parameters<typeof answer<Data>>[0]) {
  const data = ref() as Ref<Data | undefined>;

  async function load() {
    try {
      data.value = await answer(call());
    } catch (error) {
      // Without a login the page goes away.
      if (!hasEnded(error)) report(error);
    }
  }

  void load();
  return { data, load };
}
