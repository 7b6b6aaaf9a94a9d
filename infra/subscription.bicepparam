// What azd passes on. azd sets the first ones itself, the others come from `azd env set NAME VALUE`; docs/deployment.md lists them.
using './subscription.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param principalId = readEnvironmentVariable('REGISTRY_OPERATOR_ID', readEnvironmentVariable('AZURE_PRINCIPAL_ID', ''))
param principalType = readEnvironmentVariable('REGISTRY_OPERATOR_TYPE', readEnvironmentVariable('AZURE_PRINCIPAL_TYPE', ''))
param hosting = readEnvironmentVariable('REGISTRY_HOSTING', 'functions')
param containerImage = readEnvironmentVariable('REGISTRY_CONTAINER_IMAGE', '')
param containerImageRegistryId = readEnvironmentVariable('REGISTRY_CONTAINER_IMAGE_REGISTRY_ID', '')
param authMode = readEnvironmentVariable('REGISTRY_AUTH_MODE', 'token')
param settings = json(readEnvironmentVariable('REGISTRY_SETTINGS', '{}'))
param keyVaultSettings = json(readEnvironmentVariable('REGISTRY_KEY_VAULT_SETTINGS', '{}'))
param keyVaultName = readEnvironmentVariable('REGISTRY_KEY_VAULT', '')
param events = json(readEnvironmentVariable('REGISTRY_EVENTS', '{}'))
param eventGridTopicId = readEnvironmentVariable('REGISTRY_EVENT_GRID_TOPIC_ID', '')
param storageSku = readEnvironmentVariable('REGISTRY_STORAGE_SKU', 'Standard_LRS')
param zoneRedundant = bool(readEnvironmentVariable('REGISTRY_ZONE_REDUNDANT', 'false'))
param instanceMemoryMB = readEnvironmentVariable('REGISTRY_INSTANCE_MEMORY', '2048') == '2048'
  ? 2048
  : readEnvironmentVariable('REGISTRY_INSTANCE_MEMORY', '') == '4096'
      ? 4096
      : readEnvironmentVariable('REGISTRY_INSTANCE_MEMORY', '') == '512' ? 512 : fail('REGISTRY_INSTANCE_MEMORY must be 512, 2048 or 4096.')
param alwaysReadyInstances = int(readEnvironmentVariable('REGISTRY_ALWAYS_READY', '0'))
param privateNetworking = bool(readEnvironmentVariable('REGISTRY_PRIVATE_NETWORKING', 'false'))
param lockStorage = bool(readEnvironmentVariable('REGISTRY_LOCK_STORAGE', 'false'))
param customDomain = readEnvironmentVariable('REGISTRY_CUSTOM_DOMAIN', '')
param alertEmail = readEnvironmentVariable('REGISTRY_ALERT_EMAIL', '')
param monthlyBudget = int(readEnvironmentVariable('REGISTRY_MONTHLY_BUDGET', '0'))
param budgetStart = readEnvironmentVariable('REGISTRY_BUDGET_START', '')
