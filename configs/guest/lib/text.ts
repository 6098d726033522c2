import { mark } from "./marks";

export const shout = (text: string): string => text.toUpperCase() + mark;
