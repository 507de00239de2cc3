// Dark or light: as the system says, or as one chose here.

const stored = () => localStorage.getItem("theme");
const system = () => (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
const current = () => stored() ?? system();

export function applyTheme() {
  document.documentElement.dataset.theme = current();
}

export function nextTheme() {
  const next = current() === "dark" ? "light" : "dark";
  if (next === system()) localStorage.removeItem("theme");
  else localStorage.setItem("theme", next);
  applyTheme();
}

export const themeIcon = () => (current() === "dark" ? "sun" : "moon");

matchMedia("(prefers-color-scheme: light)").addEventListener("change", applyTheme);
addEventListener("storage", (event) => event.key === "theme" && applyTheme());
