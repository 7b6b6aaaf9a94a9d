using Azure.Core;

namespace Serverless.AzureStorage.Tables;

/// <summary>Choices of the table clients: retries, diagnostics and transport, as every Azure client has them.</summary>
public sealed class TableClientOptions : ClientOptions;
