using Azure.Core;
using Azure.Identity;
using Azure.Storage.Blobs;
using Serverless.AzureStorage.Tables;
using Serverless.Registry.Storage;

namespace Serverless.AzureStorage;

/// <summary>Which account, and how to sign in: a connection string, or the account's name and an identity.</summary>
public sealed record AzureStorageOptions
{
    /// <summary>The Azurite that runs on its default ports.</summary>
    public static AzureStorageOptions Development { get; } = new() { ConnectionString = "UseDevelopmentStorage=true" };

    /// <summary>A connection string with the account's key; null signs in with an identity.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>The account's name in the public cloud; null when there is a connection string or the endpoints are given.</summary>
    public string? AccountName { get; init; }

    /// <summary>The address of the Blob service, where it does not follow from the name.</summary>
    public Uri? BlobEndpoint { get; init; }

    /// <summary>The address of the Table service, where it does not follow from the name.</summary>
    public Uri? TableEndpoint { get; init; }

    /// <summary>The client id of the user-assigned identity to use; null leaves the choice to <see cref="DefaultAzureCredential"/>.</summary>
    public string? ClientId { get; init; }

    /// <summary>The container for the bytes.</summary>
    public string ContainerName { get; init; } = "registry";

    /// <summary>Begins the name of every table.</summary>
    public string TablePrefix { get; init; } = "";
}

/// <summary>Makes the two stores of an account.</summary>
public static class AzureStores
{
    /// <summary>The stores. No storage operation; wrong credentials show themselves with the first one.</summary>
    /// <exception cref="FormatException">The connection string cannot be read.</exception>
    public static (ITableStore Tables, IObjectStore Objects) Create(AzureStorageOptions options, TimeProvider timeProvider)
    {
        var (tables, blobs) = options.ConnectionString is { } connectionString
            ? (new TableServiceClient(connectionString, Configure(new TableClientOptions())), new BlobServiceClient(connectionString, Configure(new BlobClientOptions())))
            : CreateWithIdentity(options);
        return (new AzureTableStore(tables, options.TablePrefix), new AzureObjectStore(blobs, options.ContainerName, timeProvider));
    }

    private static (TableServiceClient Tables, BlobServiceClient Blobs) CreateWithIdentity(AzureStorageOptions options)
    {
        var credential = new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = options.ClientId });
        return (
            new TableServiceClient(options.TableEndpoint ?? Endpoint("table"), credential, Configure(new TableClientOptions())),
            new BlobServiceClient(options.BlobEndpoint ?? Endpoint("blob"), credential, Configure(new BlobClientOptions())));

        Uri Endpoint(string service) => new($"https://{options.AccountName}.{service}.core.windows.net");
    }

    // Short first pauses: most failures are a busy partition that is free again at once.
    private static T Configure<T>(T options)
        where T : ClientOptions
    {
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.MaxRetries = 6;
        options.Retry.Delay = TimeSpan.FromMilliseconds(50);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(4);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(100);
        return options;
    }
}
