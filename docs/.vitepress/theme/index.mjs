import DefaultTheme from 'vitepress/theme';
import { h, onMounted } from 'vue';
import LivePlant from './LivePlant.vue';
import './style.css';

/** Loads the search when there is nothing else to do: it is at once there then, also without a network. */
function loadSearch() {
  if (navigator.connection?.saveData !== true) {
    import('vitepress/dist/client/theme-default/components/VPLocalSearchBox.vue');
    import('@localSearchIndex').then(({ default: index }) => index.root?.());
  }
}

/** @type {import('vitepress').Theme} */
export default {
  extends: DefaultTheme,
  Layout: {
    setup() {
      onMounted(() => (globalThis.requestIdleCallback ?? setTimeout)(loadSearch));
      return () => h(DefaultTheme.Layout);
    },
  },
  enhanceApp({ app }) {
    app.component('LivePlant', LivePlant);
  },
};
