import puppeteer from 'puppeteer-core';
export default async function browser() {
  const refused = await puppeteer.launch({ executablePath: '/usr/bin/no-browser' }).then(() => 'started', (error) => error.message.split('\n')[0].slice(0, 60));
  const away = await puppeteer.connect({ browserURL: 'http://127.0.0.1:9' }).then(() => 'there', (error) => error.message.slice(0, 30));
  return `${refused} / ${away}`;
}
