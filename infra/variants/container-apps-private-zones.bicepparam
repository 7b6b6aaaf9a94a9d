// Azure Container Apps in a network and three zones, never at rest, images in a second region too.
using '../main.bicep'

param hosting = 'containerApps'
param containerImage = 'ghcr.io/example/registry:1'
param containerCpu = '2'
param privateNetworking = true
param zoneRedundant = true
param storageSku = 'Standard_RAGZRS'
param minReplicas = 3
param maxReplicas = 100
