const path = require('node:path');
module.exports = async ({ lang }) => {
  const i18next = require('i18next').createInstance();
  await i18next.use(require('i18next-fs-backend')).init({ lng: lang, fallbackLng: 'en', ns: ['mail'], defaultNS: 'mail', backend: { loadPath: path.join(__dirname, '../locales/{{lng}}/{{ns}}.json') } });
  const dayjs = require('dayjs');
  require(`dayjs/locale/${lang}`);
  for (const plugin of ['utc', 'timezone', 'localizedFormat', 'relativeTime']) dayjs.extend(require(`dayjs/plugin/${plugin}`));
  const moment = require('moment-timezone');
  moment.locale(lang);
  const when = moment.tz('2024-05-06T12:00:00Z', 'Asia/Kathmandu');
  return {
    mail: [i18next.t('greeting'), i18next.t('letters', { count: 3 })],
    dayjs: dayjs.utc('2024-05-06T12:00:00Z').tz('America/St_Johns').locale(lang).format('LLLL'),
    moment: when.format('LLLL z'),
    intl: new Intl.DateTimeFormat(lang, { dateStyle: 'full', calendar: 'japanese' }).format(new Date(Date.UTC(2024, 4, 6))),
    words: [...new Intl.Segmenter(lang, { granularity: 'word' }).segment('東京都 is here')].length,
  };
};
