// Production: three zones, no cold start, an address of one's own, alerts.
using './main.bicep'

param authMode = 'token'
param storageSku = 'Standard_ZRS'
param softDeleteDays = 30
param coolAfterDays = 90
param zoneRedundant = true
param alwaysReadyInstances = 2
param maximumInstanceCount = 200
// With true, storage has no public address, and every layer passes through the app unless all clients are in the network: see infra/README.md.
param privateNetworking = false
param customDomain = readEnvironmentVariable('REGISTRY_CUSTOM_DOMAIN', '')
param operatorPrincipalId = readEnvironmentVariable('REGISTRY_OPERATOR_ID', '')
param operatorPrincipalType = 'Group'
param logRetentionDays = 90
param logDailyQuotaGb = 10
param alertEmail = readEnvironmentVariable('REGISTRY_ALERT_EMAIL', '')
param capacityAlertGb = 5000
param settings = {
  // Releases stay what they are.
  Registry__Tags__Immutable__0__Repositories: '*'
  Registry__Tags__Immutable__0__Tags: 'v*'
}
