import { ref } from "vue";

/** What the page says, also to those who cannot see it. */
export const announcement = ref("");

let timer: ReturnType<typeof setTimeout> | undefined;

/** Shows a sentence for a while. The same one is said again. */
export function announce(sentence: string) {
  clearTimeout(timer);
  announcement.value = "";
  timer = setTimeout(() => {
    announcement.value = sentence;
    timer = setTimeout(() => (announcement.value = ""), 8000);
  }, 50);
}
