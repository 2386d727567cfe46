import { journey } from "./journey.mjs";

journey("two-hosts", { withInit: true });
