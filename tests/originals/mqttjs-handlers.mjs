/** Where the suite takes private functions of the original: there are none, and who calls one is told so. */

// biome-ignore lint/style/noDefaultExport: the suite imports it so.
export default function none() {
  throw new Error('a private function of the original');
}
