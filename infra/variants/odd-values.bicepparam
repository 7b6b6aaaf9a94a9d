// The longest names, and everything that is off elsewhere.
using '../main.bicep'

param name = 'abcdefghijk9'
param tags = {
  'cost center': 'a/b "c"'
}
param authMode = 'basic'
param storageSku = 'Standard_GZRS'
param softDeleteDays = 0
param coolAfterDays = 1
param lockStorage = true
param blobReadLogs = true
param redirectDownloads = false
param zoneRedundant = true
param customDomain = 'a-registry-whose-name-is-as-long-as-a-label-may-be-in-all-of-dns.of-a-department.example.com'
param publicUrl = 'https://a-registry-whose-name-is-as-long-as-a-label-may-be-in-all-of-dns.of-a-department.example.com'
param containerImage = 'example.azurecr.io/registry@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
param containerImageRegistryId = '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/registry/providers/Microsoft.ContainerRegistry/registries/example'
param containerCpu = '0.25'
param instanceMemoryMB = 512
param maximumInstanceCount = 1000
param alwaysReadyInstances = 1000
param perInstanceConcurrency = 1
param updateStrategy = 'Recreate'
param maintenanceSchedule = '30 */5 * * * *'
param packageUri = 'https://example.com/package.zip'
param keyVaultName = 'example'
param signingKeyInVault = true
param events = {
  chat: {}
}
param keyVaultSettings = {
  Registry__Events__chat__Secret: 'registry-events-chat'
  Registry__Uploads__Secret: 'registry-upload-secret'
}
param secretSettings = {
  Registry__Events__chat__Url: 'https://chat.example.com/hooks/whoever-knows-this-may-write'
  Registry__Uploads__Secret: 'nothing of importance, and long enough for a secret'
}
param settings = {
  Registry__Auth__Basic__HtpasswdObject: 'htpasswd'
}
param logRetentionDays = 730
param logDailyQuotaGb = -1
param alertEmail = readEnvironmentVariable('REGISTRY_ALERT_EMAIL')
param capacityAlertGb = 1
param monthlyBudget = 1
param budgetStart = '2026-12-01'
