function access(s) {
    s.log(`a client of the memory: ${s.remoteAddress}`);
    s.remoteAddress.startsWith('203.0.113.') ? s.deny() : s.allow();
}

export default { access };
