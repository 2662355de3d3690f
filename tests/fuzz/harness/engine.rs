pub fn engine(_data: &[u8]) {}
