import { faker } from "@faker-js/faker/locale/de";
faker.seed(42);
export default [faker.person.fullName(), faker.internet.email(), faker.number.int(100), faker.helpers.arrayElement(["a", "b", "c"])];
