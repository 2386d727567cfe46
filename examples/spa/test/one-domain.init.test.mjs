import { journey } from "./journey.mjs";

journey("one-domain", { withInit: true });
