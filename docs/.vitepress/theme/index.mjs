import { useData, useRoute } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import { h, onMounted, watch } from 'vue';
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
      const { frontmatter } = useData();
      const route = useRoute();
      // The theme gives every page a landmark for what is in it, but for the first one.
      const setMain = () => {
        const content = document.getElementById('VPContent');
        if (frontmatter.value.layout === 'home') {
          content?.setAttribute('role', 'main');
        } else {
          content?.removeAttribute('role');
        }
      };
      onMounted(() => {
        (globalThis.requestIdleCallback ?? setTimeout)(loadSearch);
        watch(() => route.path, setMain, { immediate: true, flush: 'post' });
      });
      return () => h(DefaultTheme.Layout);
    },
  },
  enhanceApp({ app }) {
    app.component('LivePlant', LivePlant);
  },
};
