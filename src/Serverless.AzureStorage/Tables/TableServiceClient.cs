using Azure.Core;
using Azure.Core.Pipeline;

namespace Serverless.AzureStorage.Tables;

/// <summary>
/// The Table service of one account. The types and members of this folder are named as those of Azure.Data.Tables, of which they are the part that the
/// registry needs, so that the package can take their place.
/// </summary>
public sealed class TableServiceClient
{
    private const string StorageScope = "https://storage.azure.com/.default";

    private readonly HttpPipeline _pipeline;

    /// <summary>A client that signs with the account's key.</summary>
    public TableServiceClient(Uri endpoint, TableSharedKeyCredential credential, TableClientOptions options)
        : this(endpoint, new TableSharedKeyPolicy(credential, TimeProvider.System), options)
    {
    }

    /// <summary>A client that signs in with Microsoft Entra ID.</summary>
    public TableServiceClient(Uri endpoint, TokenCredential tokenCredential, TableClientOptions options)
        : this(endpoint, new BearerTokenAuthenticationPolicy(tokenCredential, StorageScope), options)
    {
    }

    /// <summary>A client of the account that a connection string names.</summary>
    /// <exception cref="FormatException">The connection string cannot be read, or has no account key.</exception>
    public TableServiceClient(string connectionString, TableClientOptions options)
        : this(TableConnectionString.Parse(connectionString), options)
    {
    }

    private TableServiceClient(TableConnectionString parsed, TableClientOptions options)
        : this(parsed.Endpoint, parsed.Credential, options)
    {
    }

    private TableServiceClient(Uri endpoint, HttpPipelinePolicy authentication, TableClientOptions options)
    {
        Uri = endpoint;
        _pipeline = HttpPipelineBuilder.Build(options, authentication);
    }

    /// <summary>The service's address.</summary>
    public Uri Uri { get; }

    /// <summary>A client of one table, which need not exist.</summary>
    public TableClient GetTableClient(string tableName) => new(_pipeline, Uri, tableName);
}
