export default { output: 'standalone', poweredByHeader: false, eslint: { ignoreDuringBuilds: true }, i18n: undefined, images: { formats: ['image/webp'] } };
