// What the API for operators answers: docs/api.md, and /api/v1/openapi.json.

/** What something holds, as the garbage collector or a verification has counted it. */
export interface Use {
  bytes: number;
  blobs: number;
  countedAt: string;
}

export interface RepositoryPage {
  repositories: string[];
  uses?: (Use & { name: string })[];
  cursor?: string;
}

export interface RepositoryInfo {
  name: string;
  tags: number;
  hasMoreTags: boolean;
  pushedAt?: string;
  pulledAt?: string;
  use?: Use;
  isMirror: boolean;
}

export interface Quota {
  pattern: string;
  soft?: number;
  hard?: number;
}

export interface NamespaceUse {
  name: string;
  repositories: number;
  blobs: number;
  bytes: number;
  quota?: Quota;
}

export interface UsagePage {
  total?: Use;
  namespaces: NamespaceUse[];
  cursor?: string;
}

export interface TagInfo {
  name: string;
  digest: string;
  mediaType: string;
  size: number;
  pushedAt?: string;
  pulledAt?: string;
}

export interface TagPage {
  tags: TagInfo[];
  cursor?: string;
}

export interface TagMove {
  digest: string;
  mediaType: string;
  size: number;
  at: string;
  by?: string;
}

export type Annotations = Record<string, string>;

/** Something that a manifest names: a config, a layer, an image of an index. */
export interface Part {
  digest: string;
  mediaType: string;
  size: number;
  kind?: string;
  platform?: string;
  annotations?: Annotations;
}

export interface BuildStep {
  createdAt?: string;
  createdBy?: string;
  comment?: string;
  isEmpty: boolean;
}

export interface ImageConfig {
  platform?: string;
  createdAt?: string;
  author?: string;
  user?: string;
  workingDirectory?: string;
  entrypoint: string[];
  command: string[];
  environment: string[];
  ports: string[];
  volumes: string[];
  labels: Record<string, string>;
  history: BuildStep[];
}

export interface ManifestInfo {
  digest: string;
  mediaType: string;
  kind: string;
  artifactType?: string;
  size: number;
  totalSize: number;
  subject?: string;
  annotations?: Annotations;
  blobs: Part[];
  manifests: Part[];
  config?: ImageConfig;
}

export interface Referrer {
  digest: string;
  mediaType: string;
  kind: string;
  artifactType?: string;
  size: number;
  annotations?: Annotations;
  referrers: Referrer[];
}

export interface ReferrerTree {
  referrers: Referrer[];
  hasMore: boolean;
}

export interface DeletedItem {
  reference: string;
  digest: string;
  tags: string[];
  at: string;
}

export interface DeletedList {
  deleted: DeletedItem[];
  hasMore: boolean;
}

export interface Restored {
  digest: string;
  tags: string[];
}

export interface Account {
  name: string;
  kind: 'user' | 'robot';
  state: 'active' | 'disabled' | 'expired';
  scopeMaps: string[];
  passwords: number;
  expiresAt?: string;
  lastUsedAt?: string;
  /** A robot's new password, in the answer that made it and nowhere else. */
  password?: string;
}

export interface AccountPage {
  accounts: Account[];
  cursor?: string;
}

export interface AccountOrder {
  name: string;
  kind: 'user' | 'robot';
  password?: string;
  scopeMaps: string[];
  expiresAt?: string;
}

export interface AccountChange {
  disabled?: boolean;
  scopeMaps?: string[];
  password?: string;
}

export interface ScopeMap {
  name: string;
  rules: string[];
  isConfigured: boolean;
}

export interface AdminChange {
  at: string;
  by?: string;
  action: string;
  target: string;
  detail?: string;
}

export interface AuditPage {
  changes: AdminChange[];
  cursor?: string;
}
