import { mount } from "svelte";
import App from "./ui/App.svelte";
import { applySettings } from "./ui/lib/settings";
import "./ui/tokens.css";
import "./ui/base.css";

applySettings(location.pathname);
const target = document.getElementById("app");
if (target === null) throw new Error("index.html lacks #app");
mount(App, { target, props: { path: location.pathname } });
