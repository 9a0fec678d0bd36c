import type { Api } from '../src/api/types.ts'
import type { Clock } from './world.ts'

export function systemOf(clock: Clock): Api['System'] {
  const setting = (section: string, key: string, value: string, line: number | null): Api['SettingLine'] => ({ section, key, value, line, default: line === null })
  return {
    version: '1.0.0', build: '2f31c0a', settings_path: '/etc/hygie/hygie.toml',
    nodes: [{ name: 'hygie-1', since: clock.ago(12_000), rss_mb: 48, leader: true }],
    listeners: [
      { name: 'public', address: '10.0.0.4:443', tls: '1.2 et\u00A01.3', enabled: true },
      { name: 'admin', address: '10.0.9.4:8443', tls: '1.3', enabled: true },
      { name: 'health', address: '127.0.0.1:9090', tls: '–', enabled: true },
    ],
    certificates: [
      { name: 'public', subject: 'sso.ch-valmont.example', issuer: 'AC Valmont', not_after: clock.ago(-18 * 1440), days_left: 18, health: 'warning' },
      { name: 'admin', subject: 'admin.ch-valmont.example', issuer: 'AC Valmont', not_after: clock.ago(-200 * 1440), days_left: 200, health: 'ok' },
    ],
    keys: [
      { id: 'sig-2026-09', use: 'signature', algorithm: 'RS256', created_at: clock.ago(60 * 1440), next_rotation_at: clock.ago(-30 * 1440), state: 'active' },
      { id: 'audit-2026', use: 'audit', algorithm: 'Ed25519', created_at: clock.ago(200 * 1440), next_rotation_at: null, state: 'active' },
    ],
    database: { kind: 'SQLite', location: '/var/lib/hygie/hygie.db', version: '3.50.4', size_bytes: 184_000_000, schema: 'm20261122_060000', last_backup_verified_at: null },
    settings: [setting('listeners.public', 'address', '10.0.0.4:443', 4), setting('listeners.admin', 'address', '10.0.9.4:8443', 9), setting('database', 'path', '/var/lib/hygie/hygie.db', 15), setting('limits', 'session_hours', '12', null)],
    advisories: [],
    roles: [{ role: 'security_officer', holders: ['Lou Delmas', 'M. Roy'] }, { role: 'hr_referent', holders: ['H. Blanc', 'Lou Delmas'] }, { role: 'technician', holders: ['Lou Delmas'] }],
  }
}
