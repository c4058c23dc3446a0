export default async function people(locale = 'de') {
  const { faker } = await import(`@faker-js/faker/locale/${locale}`);
  faker.seed(1);
  const { format } = await import('date-fns');
  const { [locale]: dates } = await import(`date-fns/locale/${locale}`);
  return `${faker.location.city().length > 1} ${format(new Date(0), 'EEEE d MMMM', { locale: dates })}`;
}
