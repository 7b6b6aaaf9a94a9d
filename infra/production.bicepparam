// Production: three zones, no cold start, layers of any size, an address of one's own, alerts, a lock. What it must not be without is read from the environment and has no default.
using './main.bicep'

param authMode = 'token'
param storageSku = 'Standard_ZRS'
param softDeleteDays = 30
param coolAfterDays = 90
param lockStorage = true
param zoneRedundant = true
param alwaysReadyInstances = 2
param maximumInstanceCount = 200
// With true, storage has no public address, and every layer passes through the app unless all clients are in the network: see infra/README.md.
param privateNetworking = false
param customDomain = readEnvironmentVariable('REGISTRY_CUSTOM_DOMAIN')
// Made by infra/image.sh. Where it is not public, the resource id of the Azure Container Registry that has it.
param containerImage = readEnvironmentVariable('REGISTRY_CONTAINER_IMAGE')
param containerImageRegistryId = readEnvironmentVariable('REGISTRY_CONTAINER_IMAGE_REGISTRY_ID', '')
param operatorPrincipalId = readEnvironmentVariable('REGISTRY_OPERATOR_ID')
param operatorPrincipalType = 'Group'
param logRetentionDays = 90
param logDailyQuotaGb = 10
param alertEmail = readEnvironmentVariable('REGISTRY_ALERT_EMAIL')
param capacityAlertGb = 5000
param settings = {
  // Releases stay what they are.
  Registry__Tags__Immutable__0__Repositories: '*'
  Registry__Tags__Immutable__0__Tags: 'v*'
}
