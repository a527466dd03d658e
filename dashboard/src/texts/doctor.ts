export const doctor = { title: "Doctor" };
