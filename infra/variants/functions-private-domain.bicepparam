// Azure Functions with storage in a network, behind Front Door with a domain, uploads on their own path.
using '../main.bicep'

param containerImage = 'ghcr.io/example/registry:1'
param privateNetworking = true
param networkAddressPrefix = '10.90.0.0/20'
param customDomain = 'registry.example.com'
param frontDoorLogs = true
param operatorPrincipalId = readEnvironmentVariable('REGISTRY_OPERATOR_ID')
param operatorPrincipalType = 'ServicePrincipal'
