using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Serverless.AzureStorage.Tables;

/// <summary>One table. Failures are <see cref="RequestFailedException"/>s with the service's error code.</summary>
public sealed class TableClient
{
    private readonly HttpPipeline _pipeline;
    private readonly Uri _endpoint;

    internal TableClient(HttpPipeline pipeline, Uri endpoint, string name)
    {
        (_pipeline, Name) = (pipeline, name);
        _endpoint = new Uri(endpoint.AbsoluteUri.TrimEnd('/') + "/");
    }

    /// <summary>The table's name.</summary>
    public string Name { get; }

    /// <summary>Makes the table unless there is one.</summary>
    public async Task CreateIfNotExistsAsync(CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["TableName"] = Name }, TableJsonContext.Default.DictionaryStringString);
        using var message = CreateMessage(RequestMethod.Post, "Tables", body);
        message.Request.Headers.Add("Prefer", "return-no-content");
        await SendAsync(message, cancellationToken, 409);
    }

    /// <summary>Reads an entity.</summary>
    public async Task<NullableResponse<TableEntity>> GetEntityIfExistsAsync(string partitionKey, string rowKey, CancellationToken cancellationToken)
    {
        using var message = CreateMessage(RequestMethod.Get, EntityPath(partitionKey, rowKey));
        var error = await SendAsync(message, cancellationToken, 404);
        if (error is { ErrorCode: not TableErrorCode.ResourceNotFound }) throw error;
        if (error is not null) return new NoEntity(message.Response);
        using var json = JsonDocument.Parse(message.Response.Content);
        return Response.FromValue(TableEntityJson.Read(json.RootElement), message.Response);
    }

    /// <summary>Reads entities page by page.</summary>
    /// <param name="filter">An OData filter; null for all.</param>
    /// <param name="maxPerPage">Entities in a page, at most; null for the service's own most.</param>
    /// <param name="select">The properties to read; null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public AsyncPageable<TableEntity> QueryAsync(string? filter, int? maxPerPage, IEnumerable<string>? select, CancellationToken cancellationToken) =>
        new TablePages(this, filter, maxPerPage, select?.ToList(), cancellationToken);

    /// <summary>Adds an entity.</summary>
    public async Task<Response> AddEntityAsync(TableEntity entity, CancellationToken cancellationToken) =>
        await WriteAsync(new TableTransactionAction(TableTransactionActionType.Add, entity), cancellationToken);

    /// <summary>Adds an entity or updates the one that is there.</summary>
    public async Task<Response> UpsertEntityAsync(TableEntity entity, TableUpdateMode mode, CancellationToken cancellationToken) => await WriteAsync(
        new TableTransactionAction(mode == TableUpdateMode.Merge ? TableTransactionActionType.UpsertMerge : TableTransactionActionType.UpsertReplace, entity), cancellationToken);

    /// <summary>Updates an entity that has the ETag.</summary>
    public async Task<Response> UpdateEntityAsync(TableEntity entity, ETag ifMatch, TableUpdateMode mode, CancellationToken cancellationToken) => await WriteAsync(
        new TableTransactionAction(mode == TableUpdateMode.Merge ? TableTransactionActionType.UpdateMerge : TableTransactionActionType.UpdateReplace, entity, ifMatch), cancellationToken);

    /// <summary>Deletes an entity that has the ETag.</summary>
    public async Task<Response> DeleteEntityAsync(string partitionKey, string rowKey, ETag ifMatch, CancellationToken cancellationToken) =>
        await WriteAsync(new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(partitionKey, rowKey), ifMatch), cancellationToken);

    /// <summary>Applies all actions or none.</summary>
    /// <exception cref="TableTransactionFailedException">Nothing was applied.</exception>
    public async Task<Response> SubmitTransactionAsync(IEnumerable<TableTransactionAction> transactionActions, CancellationToken cancellationToken)
    {
        var boundary = "batch_" + Guid.NewGuid();
        var body = TableTransactionContent.Write(boundary, _endpoint, transactionActions.Select(a => TableRequest.Of(a, Name)));
        using var message = CreateMessage(RequestMethod.Post, "$batch", body);
        message.Request.Headers.SetValue("Content-Type", "multipart/mixed; boundary=" + boundary);
        await SendAsync(message, cancellationToken);
        if (TableTransactionContent.FindFailure(message.Response.Content) is { } failure) throw failure;
        return message.Response;
    }

    internal async Task<Page<TableEntity>> GetPageAsync(string query, CancellationToken cancellationToken)
    {
        using var message = CreateMessage(RequestMethod.Get, $"{Name}()?{query}");
        await SendAsync(message, cancellationToken);
        using var json = JsonDocument.Parse(message.Response.Content);
        var entities = json.RootElement.GetProperty("value").EnumerateArray().Select(TableEntityJson.Read).ToList();
        return Page<TableEntity>.FromValues(entities, TablePages.ReadContinuation(message.Response), message.Response);
    }

    private async Task<Response> WriteAsync(TableTransactionAction action, CancellationToken cancellationToken)
    {
        var request = TableRequest.Of(action, Name);
        using var message = CreateMessage(request.Method, request.Path, request.Body);
        if (request.IfMatch is { } etag) message.Request.Headers.Add("If-Match", etag);
        if (request.Method == RequestMethod.Post) message.Request.Headers.Add("Prefer", "return-no-content");
        await SendAsync(message, cancellationToken);
        return message.Response;
    }

    private HttpMessage CreateMessage(RequestMethod method, string path, ReadOnlyMemory<byte> body = default)
    {
        var message = _pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(new Uri(_endpoint, path));
        message.Request.Headers.Add("x-ms-version", "2019-02-02");
        message.Request.Headers.Add("DataServiceVersion", "3.0");
        message.Request.Headers.Add("Accept", "application/json;odata=minimalmetadata");
        if (!body.IsEmpty)
        {
            message.Request.Headers.Add("Content-Type", "application/json");
            message.Request.Content = RequestContent.Create(body);
        }

        return message;
    }

    /// <returns>The failure, if its status is the one that the caller expects; null when there was none.</returns>
    private async Task<RequestFailedException?> SendAsync(HttpMessage message, CancellationToken cancellationToken, int expected = 0)
    {
        await _pipeline.SendAsync(message, cancellationToken);
        if (message.Response.Status < 300) return null;
        var failure = TableError.Read(message.Response.Status, message.Response.Content.ToMemory()).Failure;
        return message.Response.Status == expected ? failure : throw failure;
    }

    private string EntityPath(string partitionKey, string rowKey) => TableRequest.EntityPath(Name, partitionKey, rowKey);

    private sealed class NoEntity(Response response) : NullableResponse<TableEntity>
    {
        public override bool HasValue => false;

        public override TableEntity Value => throw new InvalidOperationException("There is no such entity.");

        public override Response GetRawResponse() => response;
    }
}
