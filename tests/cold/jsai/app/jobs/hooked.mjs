export default async function hooked() {
  const { default: settings } = await import('../config/default.yaml');
  return settings.name;
}
